package js

import _ "embed"

var (
	//go:embed report/page.css
	reportStyle string
	//go:embed report/page.js
	reportScript string
)

// Report returns the style sheet and the script of the page that sc report writes.
func Report() (style, script string) { return reportStyle, reportScript }
