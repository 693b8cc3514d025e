package journal

import (
	"context"
	"database/sql"
	"fmt"
)

const columns = "id, day, text"

type Entry struct {
	ID   int64
	Day  string
	Text string
}

// Page returns one page of an account's entries, the newest first.
func Page(ctx context.Context, db *sql.DB, account int64, page, size int) ([]Entry, error) {
	query := "SELECT " + columns + " FROM entries WHERE account = ? ORDER BY day DESC LIMIT ? OFFSET ?"
	rows, err := db.QueryContext(ctx, query, account, size, page*size)
	if err != nil {
		return nil, fmt.Errorf("page %d of the journal: %w", page, err)
	}
	defer rows.Close()
	entries := make([]Entry, 0, size)
	for rows.Next() {
		var entry Entry
		if err := rows.Scan(&entry.ID, &entry.Day, &entry.Text); err != nil {
			return nil, fmt.Errorf("page %d of the journal: %w", page, err)
		}
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}
