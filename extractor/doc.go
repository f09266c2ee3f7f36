// Package extractor turns a captured news page into an article.
//
// [Extract] is a pure function: bytes, address, header fields and fetch time go
// in, an article comes out. It looks at no clock and no network, keeps no state,
// and gives the same bytes for the same page.
//
// # How a page becomes an article
//
//  1. The page is decoded (package page: byte order mark, valid UTF-8, header,
//     meta, guess by letters) and parsed once, by a tree builder that bounds
//     size, nesting and attributes and never fails. What a limit cut is named in
//     Sources as "limit NAME". The names of elements (class, id, itemprop, role)
//     are read as words and become marks: related, caption, byline, share, …
//  2. Readers (package readers, one file for each source) say what they find:
//     JSON-LD, microdata, RDFa, meta elements, the blocks of the layout, printed dates
//     and time elements, the address, pictures with their captions, and, for
//     pages that show no text, the data that their scripts were to show.
//  3. This package weighs what they say, one file for each field, and notes in
//     Sources where each value was read and how sure that is.
//
// # How a field is decided
//
// Body (story.go, body.go, phrases.go). Each block of text has a worth as prose:
// its letters, less what stands in links, in cards that lead to other stories,
// and in places whose names say that they are something else; blocks that stand
// in JSON-LD's articleBody count more. The container is the smallest element
// with most of that worth; of it, the branch that the headline is in, where the
// other branches are set otherwise. Within it a block is kept unless it, or an
// element around it below the container, is furniture: by name, by being mostly
// link to the same site, by beginning as "Read also", "Subscribe" and their like
// in some forty languages do, by being headline, byline, dateline or a picture's
// caption, by saying again what the story says, or by telling of its author at
// the end. Paragraphs that lead up to the container, or are set exactly as those
// within, join it. A heading stays if kept text follows.
//
// Headline (headline.go). What the page prints over the body: headings, and
// elements that are named or worded as headlines, are scored by level, likeness
// to the titles of the metadata, place, and names. A heading in a breadcrumb or
// menu is not the headline, however alike. Without a printed one the metadata's
// first title is taken, the site's name cut off. A topic line, badges ("Live", a
// count of comments) and a lead-in in elements of their own within the heading
// are left out.
//
// Elements beside the container that are named exactly as it is go on with it.
// Boxes are told by their form first: cards that the page repeats, lists under a
// line such as "Related", "Comments", "Key points" or "Facts", a short text with a
// link, a button or a form of its own.
//
// Notes (notes.go). Corrections and editor's notes, by the names of their element
// or by how they begin, leave Body for Notes.
//
// Entries (entries.go). The posts of a live blog are parted at the times that the
// page prints over them, each in an element of its own or one after the other. A
// page that does not call itself a live blog is one where five posts with times
// of day, set alike, hold most of its text.
//
// Markdown (markdown.go). On request, the kept blocks again with their links,
// emphasis, lists, quotes and tables.
//
// Standfirst (standfirst.go). A lead-in between headline and body goes to
// Summary and leaves Body.
//
// Published and modified (published.go, zone.go; package when). Each date found
// has a weight from source and place; a date between headline and first
// paragraph counts much, one in lists, comments, captions and footers little.
// The day with the greatest support wins, and within it the best source that
// knows the time of day. A date after the fetch is refused, and the day that a
// page's head shows each day counts little. Labels beside dates part published
// from modified; where only the text itself names a day, the day of a change is
// taken. No zone is made up: a printed time without one
// stays without one; markup that stamps UTC on local time is corrected where the
// page itself shows it (zone.go lists the cases).
//
// Captions and photos (photos.go; readers/captions.go, beside.go, images.go,
// credits.go, creditwords.go). A figure with its figcaption; an element named as a
// caption; a short text alone with an image; the text after an image that repeats
// its alt text or title, unfolded by a click or not; a paragraph in italics or
// small print after it; a gallery's or lightbox's attribute. Credits are parted
// off by element, by label ("Foto:", "©", "＝"), by agency, from an attribute, or
// where all captions of a page end in brackets. Kept are those between headline
// and the end of the body that are not another story's, an advert's, or an
// author's portrait; each once. What a player shows is a video; a figure that
// shows its still over a figcaption is a photo as well.
//
// Authors, section, tags, site name, language, paywall and kind (authors.go,
// about.go, language.go). Structured data before meta before print. Language is
// what the page states, unless script or small words clearly say otherwise.
//
// # Adding a reader
//
// A reader is a function in package readers that takes the parsed page and
// returns candidates with their source; it decides nothing. Give it a file of its
// own, call it in readStory, and let the field's file weigh its candidates
// against the others. Score the whole before and after.
package extractor
