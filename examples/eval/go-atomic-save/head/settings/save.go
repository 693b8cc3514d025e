package settings

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// Save writes the settings so that readers find the old file or the new one.
func Save(path string, values map[string]string) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".settings-*")
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	// After the rename there is nothing left to remove; before it, the draft is of no use.
	defer func() { _ = os.Remove(draft.Name()) }()
	if err := json.NewEncoder(draft).Encode(values); err != nil {
		_ = draft.Close()
		return fmt.Errorf("save settings: %w", err)
	}
	if err := draft.Close(); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}
