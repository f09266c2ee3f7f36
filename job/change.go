package job

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Hash is the SHA-256, as 64 hex digits, of the document's values; it does not
// depend on how or in which order they were written.
func (d *Document) Hash() string {
	data, err := json.Marshal(d)
	if err != nil {
		panic("job: document cannot be JSON: " + err.Error()) // no field can fail
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Clone is a copy that shares nothing with the document.
func (d *Document) Clone() *Document {
	clone := *d
	for _, key := range allKeys() {
		if key.kind == listKind {
			clone.setList(key, slices.Clone(key.list(d)))
		}
	}
	clone.ruleTexts = maps.Clone(d.ruleTexts)
	clone.origins = make(map[string]origin, len(d.origins))
	for path, from := range d.origins {
		clone.origins[path] = from
	}
	return &clone
}

// Public is a copy fit for records and pages that others read: without the
// proxy's user name and password.
func (d *Document) Public() *Document {
	clone := d.Clone()
	if scheme, rest, found := strings.Cut(clone.Network.Proxy, "://"); found {
		if at := strings.LastIndexByte(rest, '@'); at >= 0 {
			clone.Network.Proxy = scheme + "://" + rest[at+1:]
		}
	}
	return clone
}

// Diff names the keys whose values differ, in the document's order.
func Diff(old, new *Document) (changed []string) {
	for _, key := range allKeys() {
		var same bool
		if key.kind == listKind {
			same = slices.Equal(key.list(old), key.list(new))
		} else {
			same = key.value(old).Equal(key.value(new))
		}
		if !same {
			changed = append(changed, key.Path)
		}
	}
	return changed
}

// Change says what a changed key means for a run that is resumed.
type Change int

const (
	// AppliesAtOnce is a change of limits or politeness.
	AppliesAtOnce Change = iota
	// NeedsNewRun is a change that a run under way does not take.
	NeedsNewRun
	// NextRun is a change that the next run takes, beside a run under way that goes
	// on with what it has.
	NextRun
	// OtherJob is a change of seeds or scope: a job of its own, beside the first.
	OtherJob
)

// ChangeOf classifies a key as Diff names it.
func ChangeOf(key string) Change {
	if key == "extract.rules" {
		return NextRun
	}
	section, _, _ := strings.Cut(key, ".")
	switch section {
	case "limits", "politeness":
		return AppliesAtOnce
	case "seeds", "scope":
		return OtherJob
	default:
		return NeedsNewRun
	}
}

// ChangeError refuses to resume a run under a changed document.
type ChangeError struct {
	Name  string
	Keys  []string // what has changed and cannot
	Other bool     // seeds or scope are among them
}

// Error says what to do instead.
func (e *ChangeError) Error() string {
	if e.Other {
		return fmt.Sprintf("job %s exists with other seeds or scope (%s changed): give this one another name, or leave name out and one is made",
			e.Name, strings.Join(e.Keys, ", "))
	}
	return fmt.Sprintf("resume job %s: %s changed; only limits and politeness can change while a run is unfinished (let it finish or cancel it, then use --again)",
		e.Name, strings.Join(e.Keys, ", "))
}

// Resume compares the document of an unfinished run with the one now given for
// the job of the same name. It returns the keys that apply at once, or a
// *ChangeError that names what may not change. Of site rules see KeepsRules.
func Resume(old, new *Document) (applied []string, err error) {
	refused := &ChangeError{Name: new.Name}
	other := old.Identity() != new.Identity()
	for _, key := range Diff(old, new) {
		switch ChangeOf(key) {
		case AppliesAtOnce:
			applied = append(applied, key)
		case OtherJob:
			if other { // the same seeds in another order are the same job
				refused.Keys, refused.Other = append(refused.Keys, key), true
			}
		case NextRun:
		default:
			refused.Keys = append(refused.Keys, key)
		}
	}
	if len(refused.Keys) > 0 {
		return nil, refused
	}
	return applied, nil
}

// SameJob is nil if the document belongs to the stored job of its name, else a
// *ChangeError: other seeds or scope make another job.
func SameJob(stored, new *Document) error {
	if stored.Identity() == new.Identity() {
		return nil
	}
	refused := &ChangeError{Name: new.Name, Other: true}
	for _, key := range Diff(stored, new) {
		if ChangeOf(key) == OtherJob {
			refused.Keys = append(refused.Keys, key)
		}
	}
	return refused
}
