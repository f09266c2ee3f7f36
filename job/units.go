package job

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size. As text it is a whole number with an optional unit, decimal
// (kB, MB, GB, TB) or binary (KiB, MiB, GiB, TiB), such as 64MiB or 1GB.
type Bytes int64

// Duration is a span of time. As text it is numbers with units (ns, us, ms, s,
// m, h, d), such as 1s, 10m, 24h or 7d; a day is 24 hours.
type Duration time.Duration

const day = 24 * time.Hour

// sizeUnits are ordered so that the first that divides a size writes it shortest.
var sizeUnits = []struct {
	name string
	size int64
}{
	{"TiB", 1 << 40}, {"TB", 1e12}, {"GiB", 1 << 30}, {"GB", 1e9},
	{"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3},
}

// ParseBytes reads a size; unit letters may have any case, and a fraction is
// allowed where it makes whole bytes (1.5GiB).
func ParseBytes(text string) (Bytes, error) {
	bad := fmt.Errorf("%q is not a size such as 64MiB or 1GB", clip(text))
	if len(text) > 40 {
		return 0, bad
	}
	number, scale := text, int64(1)
	for _, unit := range sizeUnits {
		if rest, ok := cutSuffixFold(text, unit.name); ok {
			number, scale = rest, unit.size
			break
		}
	}
	if scale == 1 {
		number, _ = cutSuffixFold(text, "B")
	}
	number = strings.TrimRight(number, " ")
	if !plainDecimal(number) {
		return 0, bad
	}
	value, ok := new(big.Rat).SetString(number)
	if !ok {
		return 0, bad
	}
	value.Mul(value, new(big.Rat).SetInt64(scale))
	if !value.IsInt() || !value.Num().IsInt64() {
		return 0, fmt.Errorf("%q is not a whole number of bytes below 8 EiB", clip(text))
	}
	return Bytes(value.Num().Int64()), nil
}

func plainDecimal(text string) bool {
	whole, fraction, pointed := strings.Cut(text, ".")
	return digits(whole) && (!pointed || digits(fraction))
}

func digits(text string) bool {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text != ""
}

func cutSuffixFold(text, suffix string) (string, bool) {
	cut := len(text) - len(suffix)
	if cut < 0 || !strings.EqualFold(text[cut:], suffix) {
		return text, false
	}
	return text[:cut], true
}

// String writes the size exactly, in the largest unit that divides it.
func (b Bytes) String() string {
	for _, unit := range sizeUnits {
		if b != 0 && int64(b)%unit.size == 0 {
			return strconv.FormatInt(int64(b)/unit.size, 10) + unit.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// MarshalText makes the size text in JSON and YAML.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// UnmarshalText is ParseBytes.
func (b *Bytes) UnmarshalText(text []byte) error {
	value, err := ParseBytes(string(text))
	if err == nil {
		*b = value
	}
	return err
}

// ParseDuration reads a span of time; it may not be negative.
func ParseDuration(text string) (Duration, error) {
	bad := fmt.Errorf("%q is not a duration such as 1s, 10m, 24h or 7d", clip(text))
	if len(text) > 60 || strings.HasPrefix(text, "-") {
		return 0, bad
	}
	if text != "0" && digits(text) {
		return 0, fmt.Errorf("%q needs a unit, such as %ss", clip(text), text)
	}
	var total time.Duration
	rest := text
	if days, after, found := strings.Cut(text, "d"); found {
		count, err := strconv.ParseInt(days, 10, 64)
		if err != nil || count < 0 || count > int64(math.MaxInt64/day) {
			return 0, bad
		}
		total, rest = time.Duration(count)*day, after
		if rest == "" {
			return Duration(total), nil
		}
	}
	value, err := time.ParseDuration(rest)
	if err != nil || value < 0 || total+value < total {
		return 0, bad
	}
	return Duration(total + value), nil
}

// Std is the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) }

// String writes the duration exactly and without zero parts: 10m, 24h, 7d.
func (d Duration) String() string {
	span := time.Duration(d)
	if span >= 2*day && span%day == 0 {
		return strconv.FormatInt(int64(span/day), 10) + "d"
	}
	text := span.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// MarshalText makes the duration text in JSON and YAML.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is ParseDuration.
func (d *Duration) UnmarshalText(text []byte) error {
	value, err := ParseDuration(string(text))
	if err == nil {
		*d = value
	}
	return err
}

// clip keeps messages short whatever the input.
func clip(text string) string {
	const most = 80
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
