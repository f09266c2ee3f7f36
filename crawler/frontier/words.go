package frontier

import (
	"newsreel/capture"
	"newsreel/internal/weburl"
	"newsreel/stream"
)

// Kinds in the order of their strength as a hint, as entries hold them.
const (
	kindAsset = iota
	kindSitemap
	kindFeed
	kindPage
	kindRobots
	kindRedirect // only as what a URL turned out to be
)

var kindWords = [...]string{stream.KindAsset, stream.KindSitemap, stream.KindFeed, stream.KindPage,
	stream.KindRobots, "redirect"}

func kindOf(word string) uint8 { return indexOf(kindWords[:], word, kindPage) }

var howWords = [...]string{"", capture.BySeed, capture.ByFeed, capture.BySitemap, capture.ByLink,
	capture.ByRedirect, capture.ByRobots, capture.ByAsset, capture.ByRecrawl}

func howOf(word string) uint8 { return indexOf(howWords[:], word, 0) }

var reasonWords = [...]string{"", stream.SkipRobots, stream.SkipLimit, stream.SkipDates, stream.SkipTrap,
	stream.SkipExcluded, stream.SkipType, stream.SkipAddress, stream.SkipURL, stream.SkipCancelled,
	stream.FailDNS, stream.FailConnect, stream.FailTLS, stream.FailTimeout, stream.FailReset,
	stream.FailMalformed, stream.FailProxy, stream.FailInternal}

func reasonOf(word string) uint8 { return indexOf(reasonWords[:], word, uint8(len(reasonWords)-1)) }

func indexOf(words []string, word string, other uint8) uint8 {
	for i, w := range words {
		if w == word {
			return uint8(i)
		}
	}
	return other
}

var stateWords = [...]string{stream.FateWaiting, stream.FateWaiting, stream.FateWaiting,
	stream.FateCaptured, stream.FateFailed, stream.FateSkipped}

func originOf(url string) string { return weburl.Origin(url) }

func patternOf(url string) string { return weburl.Pattern(url) }

const (
	skipRobots = stream.SkipRobots
	skipLimit  = stream.SkipLimit
	skipTrap   = stream.SkipTrap
)
