export { featureMaps } from './feature-maps';
export { type GradCamOptions, gradCam } from './grad-cam';
export { LeNet, type LeNetConfig, lenet } from './lenet';
export { BasicBlock, type BasicBlockConfig, basicBlock, ResNet, type ResNetConfig, resnet } from './resnet';
export { VGGSmall, type VGGSmallConfig, vggSmall } from './vgg-small';
