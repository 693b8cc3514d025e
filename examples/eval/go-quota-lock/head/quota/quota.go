package quota

import (
	"errors"
	"sync"
)

var ErrFull = errors.New("the quota is used up")

// Quota is how much each account has stored, in bytes.
type Quota struct {
	mu    sync.Mutex
	limit int64
	used  map[string]int64
}

func New(limit int64) *Quota {
	return &Quota{limit: limit, used: make(map[string]int64)}
}

// Take reserves size bytes for an account.
func (q *Quota) Take(account string, size int64) error {
	q.mu.Lock()
	if q.used[account]+size > q.limit {
		return ErrFull
	}
	q.used[account] += size
	q.mu.Unlock()
	return nil
}

// Used is what an account has stored.
func (q *Quota) Used(account string) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.used[account]
}
