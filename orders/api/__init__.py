"""REST at ``/api/v1/``: serializers read what comes in and describe what goes out; the rules are in the services."""
