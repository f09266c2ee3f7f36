// Package guard decides which addresses a crawl may reach. It is asked in
// net.Dialer.Control, about the address really dialled, on each attempt, so
// that a name which resolves differently the second time gains nothing.
package guard

import (
	"fmt"
	"net"
	"net/netip"
)

// Policy is what one job may reach. The zero value allows public addresses.
type Policy struct {
	AllowPrivate bool             // everything but Forbidden and bad ports
	Forbidden    []netip.AddrPort // own endpoints, refused always; an unspecified address means all of this machine's
	Own          []netip.Addr     // this machine's addresses
	NAT64        netip.Prefix     // the site's translation prefix, a /96, if it has one
}

// Refusal is the guard's no. It is permanent.
type Refusal struct {
	Host string // what was asked for: address, address with port, or host
	Why  string
}

// Error names the address and the reason.
func (r *Refusal) Error() string { return fmt.Sprintf("address %s refused: %s", r.Host, r.Why) }

// Judge refuses addresses that a crawl must not reach: nil, or a *Refusal.
// Sources: IANA's special-purpose address registries, the Fetch standard's bad
// ports, and the policy's own lists. IPv4 inside IPv6 is judged as IPv4.
func Judge(addr netip.AddrPort, policy *Policy) error {
	ip := addr.Addr()
	if why := judgeAlways(ip, addr.Port(), policy); why != "" {
		return &Refusal{Host: addr.String(), Why: why}
	}
	if policy.AllowPrivate {
		return nil
	}
	if why := judgePublic(ip, policy); why != "" {
		return &Refusal{Host: addr.String(), Why: why}
	}
	return nil
}

// judgeAlways holds under every policy.
func judgeAlways(ip netip.Addr, port uint16, policy *Policy) string {
	if !ip.IsValid() {
		return "no address"
	}
	if BadPort(port) {
		return "port is on the Fetch standard's list of bad ports"
	}
	inner := ip.WithZone("")
	if v4, ok := embedded(inner, policy.NAT64); ok {
		inner = v4
	}
	for _, own := range policy.Forbidden {
		if own.Port() != port {
			continue
		}
		// Dialling the unspecified address reaches a loopback listener, and an
		// unspecified listener is reached at each of the machine's addresses.
		listener := own.Addr().Unmap()
		if listener == inner || inner.IsUnspecified() && listener.IsLoopback() ||
			listener.IsUnspecified() && (inner.IsLoopback() || inner.IsUnspecified() || owned(inner, policy)) {
			return "endpoint of this crawler"
		}
	}
	return ""
}

func owned(ip netip.Addr, policy *Policy) bool {
	for _, own := range policy.Own {
		if own.Unmap().WithZone("") == ip {
			return true
		}
	}
	return false
}

func judgePublic(ip netip.Addr, policy *Policy) string {
	if ip.Zone() != "" {
		return "address with a zone"
	}
	if v4, ok := embedded(ip, policy.NAT64); ok {
		ip = v4
	}
	if owned(ip, policy) {
		return "address of this machine"
	}
	if ip.Is4() {
		for _, special := range special4 {
			if special.Contains(ip) {
				return "in " + special.String()
			}
		}
		return ""
	}
	if !global6.Contains(ip) {
		return "outside 2000::/3"
	}
	for _, special := range special6 {
		if special.Contains(ip) {
			return "in " + special.String()
		}
	}
	return ""
}

// embedded gives the IPv4 address that an IPv6 address stands for: mapped
// (RFC 4291), SIIT-translated (RFC 2765), NAT64 (RFC 6052, and the site's own
// prefix), ISATAP (RFC 5214, both values of the universal bit).
func embedded(ip netip.Addr, nat64 netip.Prefix) (netip.Addr, bool) {
	if ip.Is4() {
		return ip, false
	}
	b := ip.As16()
	last := netip.AddrFrom4([4]byte(b[12:16]))
	ip = ip.WithZone("")
	if ip.Is4In6() {
		return last, true
	}
	for _, prefix := range embedding6 {
		if prefix.Contains(ip) {
			return last, true
		}
	}
	if nat64.IsValid() && nat64.Bits() == 96 && nat64.Contains(ip) {
		return last, true
	}
	if b[8]&^2 == 0 && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe {
		return last, true
	}
	return ip, false
}

// LocalAddrs lists this machine's addresses that are not loopback, for
// Policy.Own.
func LocalAddrs() ([]netip.Addr, error) {
	nets, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list interface addresses: %w", err)
	}
	var addrs []netip.Addr
	for _, n := range nets {
		prefix, err := netip.ParsePrefix(n.String())
		if err == nil && !prefix.Addr().IsLoopback() {
			addrs = append(addrs, prefix.Addr().Unmap().WithZone(""))
		}
	}
	return addrs, nil
}
