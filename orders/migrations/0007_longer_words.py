"""Names of tracking statuses are longer than those of tasks; the cap an hour is looked up by index."""


import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backoffice', '0001_initial'),
        ('orders', '0006_roles_of_shipments'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='shipment',
            name='raw',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='backoffice.rawpayload', verbose_name='raw payload'),
        ),
        migrations.AlterField(
            model_name='timelineentry',
            name='status',
            field=models.CharField(blank=True, max_length=40, verbose_name='status'),
        ),
        migrations.AddIndex(
            model_name='reaction',
            index=models.Index(condition=models.Q(('state', 'acted')), fields=['decided_at'], name='reaction_acted'),
        ),
    ]
