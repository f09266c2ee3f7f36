package discover_test

import (
	"fmt"

	"newsreel/crawler/discover"
)

func ExampleDiscover() {
	found := discover.Discover(discover.Input{
		Body: []byte(`<title>Bridge</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">
			<a href="/world/" rel="nofollow">World</a> <img src="bridge.jpg">`),
		MediaType: "text/html",
		URL:       "https://www.herald.test/2024/bridge.html",
	})
	fmt.Println(found.Type, found.Page.Title)
	for _, link := range found.Links {
		fmt.Println(link.Kind, link.Attr, link.URL, link.Nofollow)
	}
	// Output:
	// html Bridge
	// feed alternate https://www.herald.test/feed.xml false
	// page a https://www.herald.test/world/ true
	// asset img https://www.herald.test/2024/bridge.jpg false
}
