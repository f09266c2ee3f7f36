package warc

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// repeatable are the fields that a record may hold more than once (WARC/1.1,
// WARC-Concurrent-To; the IIPC's WARC-Protocol).
func repeatable(name string) bool {
	return strings.EqualFold(name, FieldConcurrentTo) || strings.EqualFold(name, FieldProtocol)
}

// validate checks what WARC/1.1 demands of a head before it is written.
func (h Header) validate() error {
	for i, f := range h {
		if err := validField(f); err != nil {
			return err
		}
		if repeatable(f.Name) {
			continue
		}
		for _, g := range h[:i] {
			if strings.EqualFold(f.Name, g.Name) {
				return fmt.Errorf("%w: field %s stands twice", ErrInvalid, f.Name)
			}
		}
	}
	return h.validMandatory()
}

// validMandatory checks the fields that each record, and each record of its
// type, must have. (WARC/1.1, named fields)
func (h Header) validMandatory() error {
	typ := h.Get(FieldType)
	if !isToken(typ) {
		return fmt.Errorf("%w: %s %q", ErrInvalid, FieldType, typ)
	}
	if id := h.Get(FieldRecordID); len(id) < 3 || id[0] != '<' || id[len(id)-1] != '>' {
		return fmt.Errorf("%w: %s %q is not a URI in angle brackets", ErrInvalid, FieldRecordID, id)
	}
	if _, err := ParseDate(h.Get(FieldDate)); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	uri := h.Get(FieldTargetURI)
	if !isURI(uri) {
		return fmt.Errorf("%w: %s %q is no URI", ErrInvalid, FieldTargetURI, uri)
	}
	switch typ {
	case TypeResponse, TypeResource, TypeRequest, TypeRevisit, TypeConversion, TypeContinuation:
		if uri == "" {
			return fmt.Errorf("%w: %s without %s", ErrInvalid, typ, FieldTargetURI)
		}
	case TypeWarcinfo:
		if uri != "" {
			return fmt.Errorf("%w: %s with %s", ErrInvalid, typ, FieldTargetURI)
		}
	}
	if typ == TypeRevisit && h.Get(FieldProfile) == "" {
		return fmt.Errorf("%w: revisit without %s", ErrInvalid, FieldProfile)
	}
	return nil
}

// validField checks that a field comes back from reading as it was written.
func validField(f Field) error {
	if !isToken(f.Name) {
		return fmt.Errorf("%w: field name %q", ErrInvalid, f.Name)
	}
	for i := 0; i < len(f.Value); i++ {
		if c := f.Value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return fmt.Errorf("%w: control character in the value of %s: %q", ErrInvalid, f.Name, f.Value)
		}
	}
	if strings.Trim(f.Value, " \t") != f.Value {
		return fmt.Errorf("%w: blanks around the value of %s: %q", ErrInvalid, f.Name, f.Value)
	}
	if !utf8.ValidString(f.Value) {
		return fmt.Errorf("%w: value of %s is not UTF-8: %q", ErrInvalid, f.Name, f.Value)
	}
	return nil
}

// isToken reports whether s is a token (WARC/1.1, grammar).
func isToken(s string) bool {
	if s == "" {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`()<>@,;:\"/[]?={}`, c) >= 0 {
			return false
		}
	}
	return true
}
