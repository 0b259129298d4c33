"""What a spreadsheet of people, teams or departments says, and what it would do. Pure: no database, no clock."""
