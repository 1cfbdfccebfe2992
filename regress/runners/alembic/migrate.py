"""Runs Alembic's migrations up to version UPTO, under SEARCH_PATH, in the database that PGHOST and so on name."""
import os
import sys

from alembic import command
from alembic.config import Config
from sqlalchemy.exc import SQLAlchemyError

sys.dont_write_bytecode = True
config = Config()
config.set_main_option('script_location', os.path.dirname(os.path.abspath(__file__)))
try:
	command.upgrade(config, {'1': 'a1', '2': 'b2', '3': 'c1'}[os.environ['UPTO']])
except SQLAlchemyError as error:
	sys.exit(str(error))
