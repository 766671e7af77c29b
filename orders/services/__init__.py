"""The rules. HTML, API, admin, jobs and commands all call these functions; nothing else writes the rows."""
