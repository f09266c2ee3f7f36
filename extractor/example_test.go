package extractor_test

import (
	"fmt"
	"time"

	"newsreel/extractor"
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
