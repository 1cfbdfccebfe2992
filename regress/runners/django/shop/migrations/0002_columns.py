from django.db import migrations, models


class Migration(migrations.Migration):
	dependencies = [('shop', '0001_start')]
	operations = [
		migrations.AddField('User', 'nickname', models.TextField(null=True)),
		migrations.RemoveIndex('User', 'users_by_name'),
		migrations.AddField('Order', 'note', models.TextField(null=True)),
	]
