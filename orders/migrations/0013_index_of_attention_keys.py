from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0012_index_of_own_numbers'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='attention',
            index=models.Index(fields=['key'], name='attention_key'),
        ),
    ]
