from django.db import migrations, models


def key():
	return 'id', models.AutoField(primary_key=True)


class Migration(migrations.Migration):
	initial = True
	operations = [
		migrations.CreateModel('Product', [key(), ('title', models.TextField())], {'db_table': 'products'}),
		migrations.CreateModel('User', [key(), ('name', models.TextField()),
			('email', models.TextField(null=True, unique=True))], {'db_table': 'users'}),
		migrations.AddIndex('User', models.Index(fields=['name'], name='users_by_name')),
		migrations.CreateModel('Order', [key(), ('user', models.ForeignKey('shop.User', models.CASCADE)),
			('total', models.DecimalField(max_digits=10, decimal_places=2))], {'db_table': 'orders'}),
	]
