"""The one place that speaks iCalendar: ours to bytes, and bytes to ours. Pure: no database, no network, no clock."""
