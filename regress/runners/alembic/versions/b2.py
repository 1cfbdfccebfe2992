import sqlalchemy as sa
from alembic import op

revision, down_revision = 'b2', 'b1'


def upgrade():
	op.create_table('badges', sa.Column('id', sa.Integer, primary_key=True),
		sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), nullable=False),
		sa.Column('title', sa.Text, nullable=False))
	op.create_table('favourites', sa.Column('id', sa.Integer, primary_key=True),
		sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), nullable=False),
		sa.Column('product_id', sa.Integer, sa.ForeignKey('products.id'), nullable=False))
