from django.db import migrations, models


class Migration(migrations.Migration):
    """A parcel that is delivered may bring about two steps, one after the other: handed over, then received."""

    dependencies = [
        ('orders', '0010_indexes_of_codes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='reaction',
            name='reaction_once',
        ),
        migrations.AddConstraint(
            model_name='reaction',
            constraint=models.UniqueConstraint(fields=('shipment', 'task', 'status', 'kind'), name='reaction_once'),
        ),
    ]
