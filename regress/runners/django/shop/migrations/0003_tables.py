from django.db import migrations, models


def key():
	return 'id', models.AutoField(primary_key=True)


class Migration(migrations.Migration):
	dependencies = [('shop', '0002_columns')]
	operations = [
		migrations.CreateModel('Badge', [key(), ('user', models.ForeignKey('shop.User', models.CASCADE)),
			('title', models.TextField())], {'db_table': 'badges'}),
		migrations.CreateModel('Favourite', [key(), ('user', models.ForeignKey('shop.User', models.CASCADE)),
			('product', models.ForeignKey('shop.Product', models.CASCADE))], {'db_table': 'favourites'}),
	]
