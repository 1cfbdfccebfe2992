import sqlalchemy as sa
from alembic import op

revision, down_revision = 'c1', 'b2'


def upgrade():
	op.add_column('products', sa.Column('price', sa.Numeric))
