"""What both apps stand on: settings, HTTP, clock, jobs, users."""
