package guard

import (
	"errors"
	"net/netip"
	"strings"

	whatwg "github.com/nlnwa/whatwg-url/url"
)

// ErrHost is a host that the WHATWG URL standard refuses.
var ErrHost = errors.New("host is not valid")

// NormalHost gives the host as the WHATWG URL standard serialises it: lower
// case, ASCII, IPv4 in any spelling (0x7f.1, 127.1, 2130706433, full-width
// digits) as four decimal parts, IPv6 in brackets. It looks nothing up.
func NormalHost(host string) (string, error) {
	if plain(host) {
		return host, nil
	}
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is4() {
		return host, nil // four decimal parts without leading zeros
	}
	if strings.ContainsAny(host, "/?#\\@ \t\r\n") || strings.Contains(host, "]:") {
		return "", ErrHost
	}
	if !strings.HasPrefix(host, "[") && strings.Contains(host, ":") {
		return "", ErrHost
	}
	u, err := whatwg.Parse("http://" + host + "/")
	if err != nil || u.Hostname() == "" {
		return "", ErrHost
	}
	return u.Hostname(), nil
}

// plain reports a host that the standard leaves as it is: lower-case letters,
// digits, hyphens and dots, its last label not a number.
func plain(host string) bool {
	if host == "" || len(host) > 253 || strings.Contains(host, "xn--") {
		return false
	}
	for i := 0; i < len(host); i++ {
		c := host[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	last := strings.TrimSuffix(host, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	return last != "" && (last[0] < '0' || last[0] > '9') && !strings.Contains(host, "..")
}

// JudgeURLHost judges a URL's host without looking it up, as must do where a
// proxy resolves names: addresses in every spelling, and the names that stand
// for this machine. Other names pass.
func JudgeURLHost(host string, port uint16, policy *Policy) error {
	if addr, err := netip.ParseAddr(host); err == nil {
		return Judge(netip.AddrPortFrom(addr, port), policy) // IPv6 also without brackets
	}
	normal, err := NormalHost(host)
	if err != nil {
		return &Refusal{Host: host, Why: "not a valid host"}
	}
	bare := strings.TrimSuffix(strings.Trim(normal, "[]"), ".")
	if addr, err := netip.ParseAddr(bare); err == nil {
		return Judge(netip.AddrPortFrom(addr, port), policy)
	}
	if BadPort(port) {
		return &Refusal{Host: host, Why: "port is on the Fetch standard's list of bad ports"}
	}
	if !isLocalName(bare) {
		return nil
	}
	if !policy.AllowPrivate {
		return &Refusal{Host: host, Why: "name of this machine"}
	}
	for _, addr := range [...]netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()} {
		if err := Judge(netip.AddrPortFrom(addr, port), policy); err != nil {
			return err
		}
	}
	return nil
}

// isLocalName knows the names reserved for this machine (RFC 6761) and for the
// metadata services that answer by name.
func isLocalName(name string) bool {
	for _, local := range [...]string{"localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"} {
		if name == local {
			return true
		}
	}
	return strings.HasSuffix(name, ".localhost") || name == "metadata.google.internal"
}
