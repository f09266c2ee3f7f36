package job

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"newsreel/internal/weburl"
)

// Validate says whether the document as a whole can be run: all faults at
// once, as Errors. Parse, FromURLs and Flags.Apply have called it.
func (d *Document) Validate() error { return d.faults().err() }

// settle fills in what depends on other keys (name, collection, per_domain)
// and validates.
func (d *Document) settle() Errors {
	if d.origins == nil {
		d.origins = map[string]origin{}
	}
	if d.origins["politeness.per_domain"].isDefault() {
		d.liftPerDomain()
	}
	faults := d.faults()
	if len(d.AllSeeds()) > 0 && d.origins["name"].isDefault() {
		d.Name = d.defaultName()
	}
	if d.origins["collection"].isDefault() {
		d.Collection = d.Name
	}
	return faults
}

// liftPerDomain lets a larger per_host have its way where nobody set
// per_domain: asking for 8 at once to a host should not give 4.
func (d *Document) liftPerDomain() {
	key := findKey("politeness.per_domain")
	if err := key.set(d, key.Default); err != nil || d.Politeness.PerHost <= d.Politeness.PerDomain {
		return
	}
	d.Politeness.PerDomain = d.Politeness.PerHost
	d.origins[key.Path] = origin{note: "raised to politeness.per_host"}
}

func findKey(path string) *Key {
	for _, key := range allKeys() {
		if key.Path == path {
			return key
		}
	}
	panic("job: no key " + path)
}

func (d *Document) faults() Errors {
	var faults Errors
	faults = append(faults, d.valueFaults()...)
	faults = append(faults, d.nameFaults()...)
	faults = append(faults, d.seedFaults()...)
	faults = append(faults, d.scopeFaults()...)
	faults = append(faults, d.limitFaults()...)
	faults = append(faults, d.networkFaults()...)
	faults = append(faults, d.agentFaults()...)
	faults = append(faults, d.ruleFaults()...)
	return faults
}

// valueFaults checks each key by itself, for documents that were not read by
// Parse: whoever set a field may have gone past its bounds.
func (d *Document) valueFaults() (faults Errors) {
	for _, key := range allKeys() {
		switch {
		case key.Later != "":
			if !key.value(d).IsZero() {
				faults = append(faults, d.fault(key.Path, "%s do not exist yet in this version", key.Later))
			}
		case key.kind != listKind:
			if err := key.check(key.text(d)); err != nil {
				faults = append(faults, d.fault(key.Path, "%s", err))
			}
		}
	}
	return faults
}

// ValidName says whether a text can name a job or a collection:
// [a-z0-9][a-z0-9-]*, at most 60 characters.
func ValidName(name string) bool {
	if name == "" || len(name) > maxName || name[0] == '-' {
		return false
	}
	for i := range len(name) {
		if c := name[i]; c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func (d *Document) nameFaults() (faults Errors) {
	check := func(key, name string) {
		if (name != "" || !d.origins[key].isDefault()) && !ValidName(name) {
			faults = append(faults, d.fault(key, "%q is not a name: small letters, digits and -, not - first, at most %d characters", clip(name), maxName))
		}
	}
	check("name", d.Name)
	check("collection", d.Collection)
	return faults
}

func (d *Document) seedFaults() (faults Errors) {
	if len(d.AllSeeds()) == 0 {
		faults = append(faults, d.fault("seeds", "no seeds: give urls, feeds, sitemaps or files to start from"))
	}
	if len(d.AllSeeds()) > maxSeeds {
		faults = append(faults, d.fault("seeds", "more than %d seeds", maxSeeds))
	}
	for _, list := range d.seedLists() {
		for i, seed := range *list.urls {
			normal, err := seedURL(seed)
			if err == nil && int64(len(normal)) > int64(d.Limits.Protect.URL) {
				err = fmt.Errorf("longer than limits.protect.url (%s)", d.Limits.Protect.URL)
			}
			if err != nil {
				faults = append(faults, d.fault(fmt.Sprintf("%s[%d]", list.key, i), "%s", err))
			}
		}
	}
	return faults
}

// seedURL is the normal form of a seed, or why it is none.
func seedURL(raw string) (string, error) {
	text := strings.TrimSpace(raw)
	scheme, _, found := strings.Cut(text, "://")
	switch lower := strings.ToLower(scheme); {
	case text == "":
		return "", fmt.Errorf("an empty seed")
	case !found:
		return "", bareSeed(text)
	case lower != "http" && lower != "https":
		return "", fmt.Errorf("%q is neither http:// nor https://", clip(text))
	}
	normal, err := weburl.Parse(text)
	if err != nil {
		if bad := new(weburl.Error); errors.As(err, &bad) {
			err = bad.Err
		}
		return "", fmt.Errorf("%q is not a URL: %w", clip(text), err)
	}
	if parsed, err := url.Parse(text); err == nil && parsed.User != nil {
		return "", fmt.Errorf("%q holds a user name or password, which would be stored in every record", clip(parsed.Redacted()))
	}
	return normal, nil
}

// bareSeed helps who wrote a host or a file where a URL is wanted.
func bareSeed(text string) error {
	if strings.HasSuffix(text, ".yaml") || strings.HasSuffix(text, ".yml") {
		return fmt.Errorf("%q is not a URL, and no such job document was found", clip(text))
	}
	guess := "https://" + text
	if normal, err := weburl.Parse(guess); err == nil && strings.Contains(text, ".") && !strings.ContainsAny(text, " @") {
		return fmt.Errorf("%q is not a whole URL; did you mean %s ?", clip(text), clip(normal))
	}
	return fmt.Errorf("%q is not a URL such as https://example.com/", clip(text))
}

func (d *Document) scopeFaults() (faults Errors) {
	excludes := make([]*regexp.Regexp, 0, len(d.Scope.Exclude))
	check := func(key string, patterns []string, keep bool) {
		for i, pattern := range patterns {
			compiled, err := compile(pattern)
			if err != nil {
				faults = append(faults, d.fault(fmt.Sprintf("%s[%d]", key, i), "%s", err))
			} else if keep {
				excludes = append(excludes, compiled)
			}
		}
	}
	check("scope.include", d.Scope.Include, false)
	check("scope.exclude", d.Scope.Exclude, true)
	seeds := d.AllSeeds()
	refused := func(seed string) bool {
		normal, err := seedURL(seed)
		return err == nil && slices.ContainsFunc(excludes, func(e *regexp.Regexp) bool { return e.MatchString(normal) })
	}
	if len(faults) == 0 && len(seeds) > 0 && !slices.ContainsFunc(seeds, func(s string) bool { return !refused(s) }) {
		faults = append(faults, d.fault("scope.exclude", "refuses every seed, so nothing would be crawled"))
	}
	return faults
}

// compile bounds what a pattern may cost; RE2 matches in linear time.
func compile(pattern string) (*regexp.Regexp, error) {
	if pattern == "" {
		return nil, fmt.Errorf("an empty pattern matches everything; leave it out")
	}
	if len(pattern) > 1<<12 {
		return nil, fmt.Errorf("a regular expression longer than 4 KiB")
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %s", clip(pattern),
			strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return compiled, nil
}

// limitFaults compares keys with each other; a default never makes a fault of
// a value that somebody chose, except where the pair makes no sense.
func (d *Document) limitFaults() (faults Errors) {
	p, protect := d.Politeness, d.Limits.Protect
	exceeds := func(key, other, value, bound string, over bool) {
		if over {
			faults = append(faults, d.fault(key, "%s is more than %s (%s)", value, other, bound))
		}
	}
	count := func(n int64) string { return fmt.Sprint(n) }
	exceeds("politeness.per_host", "politeness.concurrency", count(p.PerHost), count(p.Concurrency), p.PerHost > p.Concurrency)
	exceeds("politeness.per_host", "politeness.per_domain", count(p.PerHost), count(p.PerDomain),
		p.PerHost > p.PerDomain && !d.origins["politeness.per_domain"].isDefault())
	chosen := func(key string) bool { return !d.origins[key].isDefault() }
	const exchange = "limits.protect.exchange"
	exceeds("limits.protect.connect", exchange, protect.Connect.String(), protect.Exchange.String(),
		protect.Connect > protect.Exchange && chosen("limits.protect.connect"))
	exceeds("limits.protect.first_byte", exchange, protect.FirstByte.String(), protect.Exchange.String(),
		protect.FirstByte > protect.Exchange && chosen("limits.protect.first_byte"))
	exceeds("limits.depth", "limits.protect.depth", count(d.Limits.Depth), count(protect.Depth),
		d.Limits.Depth > protect.Depth)
	return faults
}

func (d *Document) networkFaults() (faults Errors) {
	if d.Network.Proxy != "" {
		if err := checkProxy(d.Network.Proxy); err != nil {
			faults = append(faults, d.fault("network.proxy", "%s", err))
		}
		if len(d.Network.Resolve) > 0 {
			faults = append(faults, d.fault("network.resolve", "has no effect behind network.proxy, which looks names up itself"))
		}
	}
	for i, pair := range d.Network.Resolve {
		if _, _, err := resolvePair(pair); err != nil {
			faults = append(faults, d.fault(fmt.Sprintf("network.resolve[%d]", i), "%s", err))
		}
	}
	return faults
}

func checkProxy(text string) error {
	parsed, err := url.Parse(text)
	if err != nil || parsed.Hostname() == "" {
		return fmt.Errorf("not a proxy's URL such as http://proxy.example:3128")
	}
	switch parsed.Scheme {
	case "http", "https", "socks5":
	default:
		return fmt.Errorf("a proxy is http://, https:// or socks5://, not %s://", clip(parsed.Scheme))
	}
	if parsed.Path != "" && parsed.Path != "/" || parsed.RawQuery != "" {
		return fmt.Errorf("a proxy's URL ends after host and port")
	}
	return nil
}

// resolvePair reads NAME=ADDR; ADDR is an IP address, in brackets or not, with
// or without a port.
func resolvePair(pair string) (name, addr string, err error) {
	name, text, found := strings.Cut(pair, "=")
	name = strings.TrimSuffix(strings.ToLower(strings.TrimSpace(name)), ".")
	addr = strings.TrimSpace(text)
	if withPort, perr := netip.ParseAddrPort(addr); perr == nil {
		addr = withPort.String()
	} else if ip, perr := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(addr, "["), "]")); perr == nil {
		addr = ip.String()
	} else {
		err = perr
	}
	if !found || err != nil || name == "" || strings.ContainsAny(name, "/:@ ") {
		return "", "", fmt.Errorf("%q is not NAME=ADDR, such as news.example=192.0.2.7 or news.example=192.0.2.7:8080", clip(pair))
	}
	return name, addr, nil
}

// Addresses is network.resolve as a table: names in small letters without a
// final dot, each with the IP address that stands for it, or IP:port, which
// replaces the URL's port too. The last of several for a name counts.
func (n Network) Addresses() map[string]string {
	table := make(map[string]string, len(n.Resolve))
	for _, pair := range n.Resolve {
		if name, addr, err := resolvePair(pair); err == nil {
			table[name] = addr
		}
	}
	return table
}

// agentFaults keeps line ends and other control bytes out of request headers
// and warcinfo fields.
func (d *Document) agentFaults() (faults Errors) {
	check := func(key, text, extra string) {
		bad := strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c > '~' || strings.ContainsRune(extra, c) })
		if bad >= 0 || len(text) > 500 || text != strings.TrimSpace(text) {
			faults = append(faults, d.fault(key, "wants at most 500 plain characters (ASCII, no line ends%s)", describeExtra(extra)))
		}
	}
	check("politeness.user_agent", d.Politeness.UserAgent, "")
	check("politeness.contact", d.Politeness.Contact, "() ")
	return faults
}

func describeExtra(extra string) string {
	if extra == "" {
		return ""
	}
	return ", spaces or parentheses"
}

// Agent is the User-Agent header: politeness.user_agent as it stands, else
// newsreel/VERSION with the contact if there is one.
func (p Politeness) Agent(version string) string {
	switch {
	case p.UserAgent != "":
		return p.UserAgent
	case p.Contact != "":
		return "newsreel/" + version + " (+" + p.Contact + ")"
	}
	return "newsreel/" + version
}
