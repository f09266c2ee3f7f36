package discover

// eachSrcset calls yield with each address of a srcset attribute (HTML,
// 4.8.4.2.2). An address may hold commas; only those at its end part.
func eachSrcset(s []byte, yield func(ref []byte)) {
	for {
		for len(s) > 0 && (space(s[0]) || s[0] == ',') {
			s = s[1:]
		}
		if len(s) == 0 {
			return
		}
		n := 0
		for n < len(s) && !space(s[n]) {
			n++
		}
		ref := s[:n]
		s = s[n:]
		bare := false
		for len(ref) > 0 && ref[len(ref)-1] == ',' {
			ref = ref[:len(ref)-1]
			bare = true
		}
		if len(ref) > 0 {
			yield(ref)
		}
		if !bare {
			s = skipDescriptors(s)
		}
	}
}

// skipDescriptors passes over widths and densities up to a comma that is not
// in parentheses.
func skipDescriptors(s []byte) []byte {
	depth := 0
	for i, c := range s {
		switch {
		case c == '(':
			depth = 1
		case c == ')':
			depth = 0
		case c == ',' && depth == 0:
			return s[i+1:]
		}
	}
	return nil
}
