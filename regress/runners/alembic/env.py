import os

from alembic import context
from sqlalchemy import create_engine

engine = create_engine('postgresql://', connect_args={
	'options': '-c search_path=' + os.environ['SEARCH_PATH'].replace(' ', '')})
with engine.connect() as connection:
	context.configure(connection=connection)
	with context.begin_transaction():
		context.run_migrations()
