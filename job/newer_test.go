package job

import (
	"errors"
	"testing"
)

func TestWhatANewerVersionStoredIsRefused(t *testing.T) {
	var r Record
	if err := decode([]byte(`{"name":"a","more":1}`), &r); err != nil || r.Name != "a" {
		t.Errorf("a record with a field more: %v, %+v", err, r)
	}
	if err := decode([]byte(`{"format":1,"name":"b"}`), &r); err != nil || r.Name != "b" {
		t.Errorf("a record of this format: %v, %+v", err, r)
	}
	if err := decode([]byte(`{"format":2,"name":["c"]}`), &r); !errors.Is(err, ErrNewer) {
		t.Errorf("a record of the next format: %v", err)
	}
}
