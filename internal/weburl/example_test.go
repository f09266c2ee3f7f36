package weburl_test

import (
	"fmt"

	"newsreel/internal/weburl"
)

func ExampleResolve() {
	base, err := weburl.NewBase("https://www.Herald.test:443/world/list.html", 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, ref := range []string{"../50%-off", "?seite=\u0434", "//img.herald.test/a b.jpg#top", "mailto:desk@herald.test"} {
		fmt.Println(weburl.Resolve(base, ref, weburl.QueryEncoding("windows-1251")))
	}
	// Output:
	// https://www.herald.test/50%-off <nil>
	// https://www.herald.test/world/list.html?seite=%E4 <nil>
	// https://img.herald.test/a%20b.jpg <nil>
	//  parse url "mailto:desk@herald.test": not http or https
}
