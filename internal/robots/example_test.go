package robots_test

import (
	"fmt"

	"newsreel/internal/robots"
)

func ExampleRules_Test() {
	rules := robots.Parse([]byte("User-agent: *\nDisallow: /private/\nAllow: /private/press/\nCrawl-delay: 2\n"))
	for _, target := range []string{"/", "/private/list", "/private/press/today"} {
		v := rules.Test("newsreel/1.0", target)
		fmt.Println(target, v.Allowed, v.Rule, v.Line)
	}
	fmt.Print(string(rules.Relevant("newsreel/1.0")))
	// Output:
	// / true  0
	// /private/list false Disallow: /private/ 2
	// /private/press/today true Allow: /private/press/ 3
	// User-agent: * #@1
	// Crawl-delay: 2 #@4
	// Disallow: /private/ #@2
	// Allow: /private/press/ #@3
}
