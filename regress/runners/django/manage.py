"""Runs Django's migrations up to version UPTO, under SEARCH_PATH, in the database that PGHOST and so on name."""
import os
import sys

import django
from django.conf import settings
from django.core.management import call_command
from django.db.utils import Error

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
settings.configure(
	INSTALLED_APPS=['shop'],
	DEFAULT_AUTO_FIELD='django.db.models.AutoField',
	DATABASES={'default': {
		'ENGINE': 'django.db.backends.postgresql',
		'HOST': os.environ['PGHOST'],
		'PORT': os.environ['PGPORT'],
		'USER': os.environ['PGUSER'],
		'NAME': os.environ['PGDATABASE'],
		'OPTIONS': {'options': '-c search_path=' + os.environ['SEARCH_PATH'].replace(' ', '')},
	}})
django.setup()
last = {'1': '0001', '2': '0003', '3': '0004'}[os.environ['UPTO']]
try:
	call_command('migrate', 'shop', last, interactive=False, no_color=True)
except Error as error:
	sys.exit(str(error))
