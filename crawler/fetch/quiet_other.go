//go:build !unix

package fetch

import "net"

// quiet cannot look without reading here; a dead connection is then found by
// the request, which is sent again once.
func quiet(net.Conn) bool { return true }
