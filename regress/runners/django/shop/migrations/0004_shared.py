from django.db import migrations, models


class Migration(migrations.Migration):
	dependencies = [('shop', '0003_tables')]
	operations = [
		migrations.AddField('Product', 'price', models.DecimalField(max_digits=10, decimal_places=2, null=True)),
	]
