"""Letters out, mails in. Things are pointed at by a plain id, so mail knows no noun."""
