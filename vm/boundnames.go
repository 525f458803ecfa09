package vm

import (
	"github.com/dop251/goja/ast"
	"github.com/dop251/goja/unistring"
)

// BoundNames calls found for each name that the target e of a binding declares, those in patterns included; of an
// expression that is none it finds nothing.
func BoundNames(e ast.Expression, found func(unistring.String)) {
	switch e := e.(type) {
	case *ast.Identifier:
		if e != nil {
			found(e.Name)
		}
	case *ast.Binding:
		BoundNames(e.Target, found)
	case *ast.AssignExpression:
		BoundNames(e.Left, found)
	case *ast.SpreadElement:
		BoundNames(e.Expression, found)
	case *ast.ArrayPattern:
		for _, el := range e.Elements {
			BoundNames(el, found)
		}
		BoundNames(e.Rest, found)
	case *ast.ObjectPattern:
		for _, p := range e.Properties {
			switch p := p.(type) {
			case *ast.PropertyShort:
				found(p.Name.Name)
			case *ast.PropertyKeyed:
				BoundNames(p.Value, found)
			}
		}
		BoundNames(e.Rest, found)
	}
}
