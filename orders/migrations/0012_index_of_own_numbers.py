from django.db import migrations, models
from django.db.models.fields.json import KT


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0011_reaction_kinds'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='order',
            index=models.Index(KT('data__facts__own_number'), name='order_own_number'),
        ),
    ]
