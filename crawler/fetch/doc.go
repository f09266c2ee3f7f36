// Package fetch makes one HTTP exchange at a time and keeps it as it was on
// the wire: HTTP/1.1 over a net.Conn, every byte of the response recorded,
// with head, chunks and end as offsets into the record.
//
// The parts, in the order in which an exchange meets them:
//
//	request.go    the request's bytes, from a URL taken verbatim
//	pool.go       idle connections, lent only under the policy they were dialled with
//	dial.go       names to addresses, the address guard, TLS
//	proxy.go      http, https and socks5 proxies
//	exchange.go   what is kept; recording.go holds its bytes, in memory or spilled
//	framer.go     where head and body end; head.go and chunk.go do the reading
//	do.go         the loop that ties them, its deadlines and its one resend
//	view.go       what consumers see: decoded, sniffed, UTF-8
//	worker.go     Colly, driving the above
//
// The folder guard judges addresses, content decodes, sniffs and transcodes
// bodies, torture is a server of hostile answers for tests.
package fetch
