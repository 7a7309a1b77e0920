export { type CheckGradientsOptions, checkGradients, type Outputs } from './check-gradients';
export { type Descent, type DescentPoint, type GradientDescentOptions, gradientDescent } from './gradient-descent';
export { type ElementCheck, GradientReport, type InputCheck, type WorstElement } from './gradient-report';
export { type NumericalGradientOptions, numericalGradient } from './numerical-gradient';
