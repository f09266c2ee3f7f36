package warc

import (
	"errors"
	"fmt"
)

// FaultClass names a kind of fault that reading forgives.
type FaultClass string

// The faults that reading forgives.
const (
	FaultGarbage       FaultClass = "garbage"        // bytes that belong to no record
	FaultPadding       FaultClass = "padding"        // NUL bytes between records
	FaultLineEnds      FaultClass = "line-ends"      // head lines that end with LF alone
	FaultClosing       FaultClass = "closing"        // not the two CRLF after the block
	FaultFolded        FaultClass = "folded-field"   // a field over several lines
	FaultField         FaultClass = "field"          // a head line that is no field
	FaultVersion       FaultClass = "version"        // a version that no standard names
	FaultContentLength FaultClass = "content-length" // missing, malformed or wrong
	FaultSharedMember  FaultClass = "shared-member"  // several records in one gzip member
	FaultSplitMember   FaultClass = "split-member"   // a record over several gzip members
	FaultChecksum      FaultClass = "checksum"       // gzip's CRC or length does not match
)

// Fault is something wrong that was forgiven. Offset is that of the byte in
// the input where it was noticed; inside a gzip member, the member's.
type Fault struct {
	Offset int64
	Class  FaultClass
	Text   string
}

func (f Fault) String() string { return fmt.Sprintf("%d: %s: %s", f.Offset, f.Class, f.Text) }

var (
	// ErrTruncated is matched by every *TruncatedError.
	ErrTruncated = errors.New("record cut short")
	// ErrTooLarge says that a head or block is over the limit given.
	ErrTooLarge = errors.New("over the limit")
	// ErrInvalid is matched by what writing refuses.
	ErrInvalid = errors.New("invalid record")
)

// TruncatedError tells of a record that was cut short or whose gzip member is
// damaged. Reading can go on at the next record.
type TruncatedError struct {
	// Offset is where the record begins, as in Record.Offset.
	Offset int64
	// Have is how many bytes of the block there were, -1 if the head itself
	// is cut; Want is its Content-Length, -1 if unknown.
	Have, Want int64
	// Cause is what the decompressor said, if it was that.
	Cause error
}

func (e *TruncatedError) Error() string {
	s := fmt.Sprintf("record at %d: head cut short", e.Offset)
	if e.Have >= 0 {
		s = fmt.Sprintf("record at %d: cut short after %d of %d bytes", e.Offset, e.Have, e.Want)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Is makes errors.Is(err, ErrTruncated) true.
func (e *TruncatedError) Is(target error) bool { return target == ErrTruncated }

// Unwrap returns the cause.
func (e *TruncatedError) Unwrap() error { return e.Cause }
