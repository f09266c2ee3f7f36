package extractor

import (
	"testing"
	"time"
)

// TestHeadlineAndDateStandWhereAReaderSeesThem holds ways in which pages print
// headline and date to what a reader takes for them.
func TestHeadlineAndDateStandWhereAReaderSeesThem(t *testing.T) {
	const english = "<p>The swing bridge at Harbour Reach will close on Monday for nine weeks, the port authority said.</p><p>Lorries are to go by the ring road, and cyclists by the ferry, which will be free of charge.</p>"
	const chinese = "<p>港务局表示，从下周一起，海湾路的旋转桥将关闭九个星期，以便更换两个已有六十年历史的轴承。</p><p>货车须改走环城公路，骑自行车的人可以免费乘坐渡轮。</p>"
	for _, c := range []struct{ name, html, headline, published string }{
		{
			"a plain element that says what the title says before channel and site",
			`<html lang="zh"><head><title>海湾路旋转桥下周一起关闭九个星期_本地频道_海岸新闻网</title></head><body><div class="l1">海湾路旋转桥下周一起关闭九个星期</div><div>2021-03-04 09:30</div>` + chinese,
			"海湾路旋转桥下周一起关闭九个星期", "2021-03-04T09:30:00",
		},
		{
			"a headline that is in the title alone, before channel and site",
			`<html lang="zh"><head><title>海湾路旋转桥下周一起关闭九个星期_本地频道_海岸新闻网</title></head><body>` + chinese,
			"海湾路旋转桥下周一起关闭九个星期", "",
		},
		{
			"a time element with its date in content, within an author's item",
			`<html lang="en"><head><title>Bridge closes</title><script>var page = {"articlePubDate": "2017-01-19 07:00:12"};</script></head><body><div itemscope itemtype="https://schema.org/Article"><h1>Bridge at Harbour Reach closes</h1>
			<div class="author" itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">Ada Quill</span> <time itemprop="datePublished" content="2017-01-18T23:00:00-0800"><span>January 18, 2017</span></time></div>` + english + `</div>`,
			"Bridge at Harbour Reach closes", "2017-01-18T23:00:00-08:00",
		},
		{
			"a lead-in that says what the search title says, under the h1",
			`<html lang="en"><head><title>Swing bridge at Harbour Reach closes for nine weeks</title></head><body><h1>‘Now they tell us it was falling apart’</h1><p class="x1">The swing bridge at Harbour Reach closes for nine weeks.</p><time datetime="2021-03-04T09:30">4 March</time>` + english,
			"‘Now they tell us it was falling apart’", "2021-03-04T09:30:00",
		},
		{
			"badges, a count of comments and a lead-in within the h1",
			`<html lang="en"><head><title>Harbour Reach: bridge closes</title></head><body><h1><svg><title>Plus</title></svg> <span class="tag-badge">Plus</span> Bridge closed – traders fear for their shops <a class="comments" href="#c">12 comments</a><small class="headline-sub">Nine weeks of detours begin</small></h1><time datetime="2021-03-04T09:30">4 March</time>` + english,
			"Bridge closed – traders fear for their shops", "2021-03-04T09:30:00",
		},
		{
			"a word within the headline in an element of its own",
			`<html lang="en"><head><title>Harbour Reach: bridge closes</title></head><body><h1><span class="element-invisible">Article</span> <em>Live</em> music: the bridge that sang is silent <i class="flag">Premium</i> <button>Save</button></h1><time datetime="2021-03-04T09:30">4 March</time>` + english,
			"Live music: the bridge that sang is silent", "2021-03-04T09:30:00",
		},
		{
			"an offer in an h1 over one that is unlike any title, too",
			`<html lang="en"><head><title>Harbour Reach crossing to shut</title></head><body><div id="m1"><h1>Subscribe now for unlimited access</h1><h2>$0/</h2></div><div><h1>A town on two banks, nine weeks apart</h1><time datetime="2021-03-04T09:30">4 March</time>` + english + "</div>",
			"A town on two banks, nine weeks apart", "2021-03-04T09:30:00",
		},
		{
			"a site's name that only the link to its front page tells, as h1 and in the title",
			`<html lang="en"><head><title>The Tow Path » Blog » Low water at the bridge</title></head><body><h1><a href="/">The Tow Path</a></h1><div><h2>Low water at the bridge</h2><small>March 4, 2021</small>` + english + "</div>",
			"Low water at the bridge", "2021-03-04",
		},
		{
			"a site's name behind an at sign in the title alone",
			`<html lang="en"><head><title>Low water at the bridge @ The Tow Path</title></head><body><div><a href="https://paper.example/">The Tow Path</a></div>` + english,
			"Low water at the bridge", "",
		},
		{
			"a headline of two statements, of which the sharing title has one",
			`<html lang="en"><head><meta property="og:title" content="How a town lost its bridge"></head><body><h1>‘We walked past that noise’. <span class="second">How a town lost its bridge</span></h1><article>` + english + `<footer><a href="/p/1">4 Mar 2021</a></footer></article>`,
			"‘We walked past that noise’. How a town lost its bridge", "2021-03-04",
		},
		{
			"the site's name behind a printed headline, and an off-screen h1",
			`<html lang="en"><head><meta property="og:site_name" content="Harbour Post"></head><body><h1 style="position:absolute; left:-9999px">All the news of the harbour today</h1><h2>Ten years of noise, nine weeks of silence | Harbour Post</h2><time datetime="2021-03-04T09:30">4 March</time>` + english,
			"Ten years of noise, nine weeks of silence", "2021-03-04T09:30:00",
		},
		{
			"a section between headline and site in the only title there is",
			`<html lang="en"><head><title>Ten years of noise, nine weeks of silence | Local news | Harbour Post</title></head><body><a href="/">Harbour Post</a><img src="title.png" alt="">` + english,
			"Ten years of noise, nine weeks of silence", "",
		},
		{
			"a claim outside the article that has a lesser heading",
			`<html lang="en"><head><title>Crossing to shut</title></head><body><h1><a href="/"><img alt="Harbour Post"></a></h1><h2 class="x7">The paper for all of the coast</h2><article><h3>Ten years of noise, nine weeks of silence</h3><time datetime="2021-03-04T09:30">4 March</time>` + english + "</article>",
			"Ten years of noise, nine weeks of silence", "2021-03-04T09:30:00",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Extract(Page{Body: []byte(c.html), URL: "https://paper.example/news/bridge", Fetched: time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)})
			if a.Headline != c.headline || a.Published != c.published {
				t.Errorf("headline %q, published %q; want %q, %q", a.Headline, a.Published, c.headline, c.published)
			}
		})
	}
}
