"""Setting a company up from its spreadsheets: departments, teams, people; docs/setup.md tells the form."""
