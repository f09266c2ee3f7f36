package extractor_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"newsreel/extractor"
	"newsreel/extractor/rules"
)

func ExampleExtract() {
	page := `<html lang="en"><title>Bridge to close until spring - The Paper</title>
<h1>Bridge to close until spring</h1><p class="byline">By Jane Roe</p><p class="date">5 May 2024, 10:39</p>
<figure><img src="bridge.jpg"><figcaption>The bridge on Friday (AP photo)</figcaption></figure>
<p>The council said on Friday that the bridge over the river would be closed to cars until spring.</p>
<p>Engineers have found cracks in two of its piers. Pedestrians may go on using it.</p>
<p><a href="/more">Read more about bridges</a></p>`
	a := extractor.Extract(extractor.Page{
		Body:        []byte(page),
		URL:         "https://paper.example/bridge",
		ContentType: "text/html; charset=utf-8",
		Fetched:     time.Date(2024, 5, 6, 0, 0, 0, 0, time.UTC),
	})
	fmt.Println(a.Headline)
	fmt.Println(a.Published, a.PublishedZone, a.Authors)
	fmt.Println(a.Photos[0].Caption, "/", a.Photos[0].Credit)
	fmt.Println(a.Body)
	// Output:
	// Bridge to close until spring
	// 2024-05-05T10:39:00 none [Jane Roe]
	// The bridge on Friday / AP photo
	// The council said on Friday that the bridge over the river would be closed to cars until spring.
	//
	// Engineers have found cracks in two of its piers. Pedestrians may go on using it.
}

func ExampleExplain() {
	_, why := extractor.Explain(extractor.Page{
		Body: []byte(`<title>Bridge to close - The Paper</title><h1><span class="kicker">Traffic:</span> Bridge to close until spring</h1>
<p>The council said on Friday that the bridge over the river would be closed to cars until spring.</p>`),
		URL: "https://paper.example/bridge",
	})
	for _, d := range why.Fields {
		if d.Field == "headline" {
			fmt.Println(d.Value, "from", d.From)
			fmt.Println("left out:", d.Cuts[0].Text)
		}
	}
	// Output:
	// Bridge to close until spring from printed h1
	// left out: Traffic:
}

func ExampleHandler() {
	server := httptest.NewServer(extractor.Handler(extractor.HandlerSettings{MaxBytes: 1 << 20}))
	defer server.Close()
	res, err := http.Post(server.URL+"/?url=https://paper.example/bridge", "image/png", strings.NewReader("…"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer res.Body.Close()
	fmt.Println(res.Status)
	// Output: 415 Unsupported Media Type
}

func ExamplePage_rule() {
	rule, err := rules.Parse("paper.yaml", []byte(`
name: paper
match: {hosts: paper.example}
headline: .tx7
published: {select: .tx2, format: DD.MM.YYYY HH:mm, zone: Europe/Berlin}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	a := extractor.Extract(extractor.Page{Rule: rule, URL: "https://paper.example/a",
		Body: []byte(`<div class=tx2>03.06.2019 07:40</div><div class=tx7>Schleuse bleibt zu</div>`)})
	fmt.Println(a.Headline, a.Published, a.PublishedZone)
	// Output: Schleuse bleibt zu 2019-06-03T07:40:00+02:00 site
}
