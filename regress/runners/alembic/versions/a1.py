import sqlalchemy as sa
from alembic import op

revision, down_revision = 'a1', None


def upgrade():
	op.create_table('products', sa.Column('id', sa.Integer, primary_key=True),
		sa.Column('title', sa.Text, nullable=False))
	op.create_table('users', sa.Column('id', sa.Integer, primary_key=True),
		sa.Column('name', sa.Text, nullable=False), sa.Column('email', sa.Text, unique=True))
	op.create_index('users_by_name', 'users', ['name'])
	op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True),
		sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id'), nullable=False),
		sa.Column('total', sa.Numeric(10, 2), nullable=False, server_default='0'))
