import sqlalchemy as sa
from alembic import op

revision, down_revision = 'b1', 'a1'


def upgrade():
	op.add_column('users', sa.Column('nickname', sa.Text))
	op.drop_index('users_by_name')
	op.add_column('orders', sa.Column('note', sa.Text, nullable=False, server_default='none'))
