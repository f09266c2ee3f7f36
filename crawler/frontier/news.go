package frontier

import "newsreel/stream"

// News returns the discoveries that tell the log anything, in the memory of
// found. The others are in it already, and folding them once more would change
// nothing: most links of a site lead to pages that other pages link, and to
// log them all would take twenty times the room.
//
// What is left out holds for any later reader too: only folded entries are in
// the tables, and a URL's depth, kind and being a seed change in one direction.
func (f *Frontier) News(found []stream.Discovery) []stream.Discovery {
	f.mu.Lock()
	defer f.mu.Unlock()
	news := found[:0]
	var p *partition
	host := ""
	for i := range found {
		d := &found[i]
		if origin := originOf(d.URL); origin != host || i == 0 {
			p, host = f.parts[stream.PartitionOf(f.domainOf(origin))], origin
		}
		if p == nil || !p.knows(d) {
			news = append(news, *d)
		}
	}
	return news
}

// knows says whether folding a discovery would change nothing: see again. One
// of a robots.txt may oblige us to an answer, see alias.
func (p *partition) knows(d *stream.Discovery) bool {
	n, ok := p.t.find(d.URL)
	if !ok || d.Kind == stream.KindRobots {
		return false
	}
	e := &p.t.entries[n]
	if d.Seed && !e.seed {
		return false
	}
	return e.state > retrying || d.Depth >= int(e.depth) && kindOf(d.Kind) <= e.kind
}
