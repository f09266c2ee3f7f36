package page

// Remove takes nodes, with what is below them, out of the page, and numbers the
// rest anew. The root stays.
func (d *Doc) Remove(nodes []*Node) {
	gone := false
	for _, n := range nodes {
		p := n.Parent
		if p == nil {
			continue
		}
		if n.Prev != nil {
			n.Prev.Next = n.Next
		} else {
			p.First = n.Next
		}
		if n.Next != nil {
			n.Next.Prev = n.Prev
		} else {
			p.Last = n.Prev
		}
		n.Parent, n.Prev, n.Next = nil, nil, nil
		gone = true
	}
	if gone {
		d.Nodes = d.Nodes[:0]
		d.number(d.Root)
	}
}

func (d *Doc) number(n *Node) {
	n.Order = int32(len(d.Nodes))
	d.Nodes = append(d.Nodes, n)
	for c := n.First; c != nil; c = c.Next {
		d.number(c)
	}
	n.End = int32(len(d.Nodes) - 1)
}
