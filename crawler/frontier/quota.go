package frontier

import (
	"maps"

	"newsreel/stream"
)

// Share makes the limits on pages and bytes hold over the partitions of several
// crawlers: each partition uses no more than its share in the log, see Quota.
// Without it this frontier owns all partitions, and counts for itself.
func (f *Frontier) Share() { f.shared = true }

// quotaPart is the part of a limit that a partition asks for at once: small
// enough that others find something left, and large enough that a large limit
// takes few messages.
const quotaPart = 8

// budget is one of the limits that are shared.
type budget struct {
	limit  int64
	shares map[int]stream.Share
	used   func(*partition) int64
	aloft  func(*partition) int64 // may use so much more
	wants  func(*partition) *bool
}

func (f *Frontier) budgets() []budget {
	return []budget{
		{limit: f.rules.MaxPages, shares: f.quota.Pages, used: func(p *partition) int64 { return p.counts.Pages },
			aloft: func(p *partition) int64 { return p.pagesUp }, wants: func(p *partition) *bool { return &p.wantsPages }},
		{limit: f.rules.MaxBytes, shares: f.quota.Bytes, used: func(p *partition) int64 { return p.counts.Bytes },
			aloft: func(p *partition) int64 { return p.unfolded }, wants: func(p *partition) *bool { return &p.wantsBytes }},
	}
}

// left is what no partition was granted or has used.
func (b *budget) left() int64 {
	left := b.limit
	for _, s := range b.shares {
		left -= max(s.Granted, s.Used)
	}
	return left
}

// spent says whether all of the limit is used.
func (b *budget) spent() bool {
	used := int64(0)
	for _, s := range b.shares {
		used += s.Used
	}
	return b.limit > 0 && used >= b.limit
}

// enough says whether a partition's share lets it use more. If not, it wants.
func (b *budget) enough(p *partition) bool {
	if b.limit <= 0 || b.used(p)+b.aloft(p) < b.shares[p.number].Granted {
		return true
	}
	*b.wants(p) = true
	return false
}

// newQuota takes over a division that was folded.
func (f *Frontier) newQuota(q *stream.Quota) {
	if q == nil {
		return
	}
	f.quota = *q
	for _, p := range f.parts {
		if p != nil {
			p.wantsPages, p.wantsBytes = false, false // until they ask again
		}
	}
	f.unblock()
}

func (f *Frontier) unblock() {
	for _, h := range f.blocked {
		h.blocked = false
		f.schedule(h, f.now)
	}
	f.blocked = nil
}

// Quota returns the division of the limits as the owned partitions need it, if
// that differs from the newest in the log: shares for those that used theirs
// up, and back what others do not need while somebody wants. control is the
// sequence that it follows.
func (f *Frontier) Quota() (next stream.Quota, control uint64, due bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.shared || f.closed != "" || f.ended {
		return next, f.ctlSeq, false
	}
	all := f.budgets()
	for i := range all {
		b := &all[i]
		if b.limit <= 0 {
			continue
		}
		b.shares = maps.Clone(b.shares)
		if b.shares == nil {
			b.shares = map[int]stream.Share{}
		}
		if f.divide(b) {
			due = true
		}
	}
	return stream.Quota{Pages: all[0].shares, Bytes: all[1].shares}, f.ctlSeq, due
}

// divide changes the shares of the owned partitions, and says whether it did.
func (f *Frontier) divide(b *budget) bool {
	left := b.left()
	wanted := left < 0 // the limit was lowered
	for _, s := range b.shares {
		wanted = wanted || s.Wants
	}
	due := false
	for _, p := range f.parts {
		if p == nil || !p.active {
			continue
		}
		old := b.shares[p.number]
		s := old
		waits := p.waiting > int64(p.flying)
		wants := b.wants(p)
		if *wants && !waits {
			*wants = false
			f.unblock()
		}
		used, aloft := b.used(p), b.aloft(p)
		switch {
		case *wants && used+aloft >= s.Granted && left > 0:
			give := max(1, left/quotaPart)
			base := max(s.Granted, used+aloft)
			if base-max(s.Granted, s.Used)+give > left {
				give = left - (base - max(s.Granted, s.Used))
			}
			if give > 0 {
				s = stream.Share{Granted: base + give, Used: used}
			}
		case *wants && used+aloft >= s.Granted:
			s.Wants, s.Used = true, used
		case wanted && used+aloft < s.Granted:
			keep := used + aloft
			if waits && left >= 0 {
				keep++
			}
			s = stream.Share{Granted: min(s.Granted, keep), Used: used}
		default:
			s.Wants = s.Wants && *wants
		}
		if used >= s.Granted && used > 0 && wanted || used > s.Granted {
			s.Used, s.Granted = used, max(s.Granted, used)
		}
		if s != old && (s.Granted != old.Granted || s.Wants != old.Wants || used >= s.Granted) {
			b.shares[p.number] = s
			left -= max(s.Granted, s.Used) - max(old.Granted, old.Used)
			due = true
		}
	}
	return due
}
